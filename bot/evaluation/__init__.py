"""Questions with known answers, asked and judged by the rules of the contract (`yiju eval`)."""
