"""What the console says after an act, by the name that the next page's address carries."""

from __future__ import annotations

from typing import Final

NOTICES: Final[dict[str, str]] = {
    "retired": "已停用。该文档从现在起不再用于回答。",
    "restored": "已恢复，现在起重新用于回答。",
    "restored_later": "已恢复，下次更新索引后重新用于回答。",
    "file_deleted": "文件已删除，其中的文档在下次更新索引后不再用于回答。",
    "saved": "已保存。",
    "added": "文件已加入资料，更新索引后用于回答。",
    "discarded": "已放弃这些文件。",
    "preview_cancelled": "已取消这次更新。",
    "paused": "向量计算已暂停。",
    "resumed": "向量计算已继续。",
    "stopping": "已要求停止，任务会在下一个检查点停下。",
    "verified": "快照完好，所有文件的校验和一致。",
    "rolled_back": "已切换快照，服务随即改用它回答。",
    "accepted": "已启用这个快照。",
    "rejected": "已放弃这个快照，原快照照常使用。",
    "pruned": "旧快照已清理。",
    "gap_open": "已标为待处理。",
    "gap_done": "已标为完成。再有人问而没有答案时会重新出现。",
    "gap_ignored": "已忽略。",
    "approved": "已批准。",
    "person_rejected": "已拒绝。",
    "person_removed": "已移除。",
    "made_admin": "已设为管理员。",
    "made_user": "已设为普通用户。",
    "account_disabled": "账号已停用，所有登录都已结束。",
    "account_enabled": "账号已启用。",
    "signed_out": "已在所有设备上退出。",
    "key_revoked": "密钥已撤销，立即失效。",
}
