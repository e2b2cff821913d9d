"""执行率挂钩: next year's budget is cut by what this year did not carry out."""
