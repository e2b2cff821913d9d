"""Why a file or a batch is refused as a whole. The docstring is the sentence the user reads."""

from fisc.base.errors import Refusal


class FileRefused(Refusal):
    """{message}"""

    code = "exchange.file_refused"


class WrongType(FileRefused):
    """“{filename}”是{found}，不能导入。请用 Excel 打开后“另存为”xlsx（或 csv）再上传。"""

    code = "exchange.wrong_type"


class EmptyFile(FileRefused):
    """“{filename}”是空文件，没有任何内容。请检查是否选错了文件。"""

    code = "exchange.empty_file"


class TooLarge(FileRefused):
    """“{filename}”有 {size}，超过上限 {limit}。请分成几个文件，分别导入。"""

    code = "exchange.too_large"


class TooManyRows(FileRefused):
    """工作表“{sheet}”有 {rows:,} 行数据，超过上限 {limit:,} 行。请分成几个文件，分别导入。"""

    code = "exchange.too_many_rows"


class Broken(FileRefused):
    """“{filename}”已损坏，打不开（{detail}）。请重新下载或用 Excel 打开后另存一份，再上传。"""

    code = "exchange.broken"


class Bomb(FileRefused):
    """“{filename}”解压后异常庞大（{detail}），已拒绝读取。请用 Excel 新建工作簿，只粘贴数据后再上传。"""

    code = "exchange.bomb"


class Macros(FileRefused):
    """“{filename}”带有宏（VBA 程序），为安全起见不能导入。请在 Excel 里“另存为”不带宏的“Excel 工作簿（*.xlsx）”。"""

    code = "exchange.macros"


class Encrypted(FileRefused):
    """“{filename}”设有打开密码，读不了。请在 Excel 里“文件—信息—保护工作簿”去掉密码，保存后再上传。"""

    code = "exchange.encrypted"


class Sprawling(FileRefused):
    """工作表“{sheet}”的内容一直排到 {cell}，远超正常表格。请删除数据区以外的行和列（选中后“删除”），保存后再上传。"""

    code = "exchange.sprawling"


class UnknownEncoding(FileRefused):
    """“{filename}”的文字编码认不出（既不是 UTF-8 也不是 GB18030）。请用 Excel 另存为“CSV UTF-8（逗号分隔）”或 xlsx。"""

    code = "exchange.encoding"


class NoSheet(FileRefused):
    """“{filename}”里没有可读的工作表（空表、图表和隐藏工作表不读）。请把数据放在可见的工作表里。"""

    code = "exchange.no_sheet"


class MissingColumns(Refusal):
    """工作表“{sheet}”缺少必需的列：{missing}。请补上这些列，或在“核对列”一步指明它们是哪一列。"""

    code = "exchange.missing_columns"


class NoHead(Refusal):
    """工作表“{sheet}”前 {looked} 行里找不到表头。表头应有：{expected}。请按模板填写，或检查是否选错了文件、工作表。"""

    code = "exchange.no_head"


class SeenBefore(Refusal):
    """这个文件（内容完全相同）已由{who}在 {when} 导入过，批次号 {number}。如确需再导一次，请确认后继续。"""

    code = "exchange.seen_before"


class HasErrors(Refusal):
    """本批有 {errors:,} 个错误（{bad_rows:,} 行），没有写入任何数据。{first}"""

    code = "exchange.has_errors"


class TotalDisagrees(Refusal):
    """{message}"""

    code = "exchange.total_disagrees"


class NothingToWrite(Refusal):
    """没有可以导入的行。"""

    code = "exchange.nothing_to_write"


class WrongState(Refusal):
    """本批{state}，不能{act}。"""

    code = "exchange.wrong_state"


class CannotUndo(Refusal):
    """“{title}”的批次不能撤销。请按业务规定用冲销或更正单据处理。"""

    code = "exchange.cannot_undo"


class UnknownKind(Refusal):
    """没有“{kind}”这种导入。可用的有：{known}。"""

    code = "exchange.unknown_kind"


class ControlTotalMissing(Refusal):
    """“{title}”要求填写控制总额（文件金额合计），用来核对有没有漏行。请填写后再导入。"""

    code = "exchange.control_total_missing"
