"""国库支付: cash plans, payments, bank files, clearing, statements and refunds."""
