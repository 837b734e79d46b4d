"""Pictures of conversations for ``docs/telegram.md``, drawn from what a real ``yiju telegram`` process sent.

``python -m evals.telegram_pictures`` plays the scenes and draws them; ``--draw`` only draws what was recorded before.
"""
