"""Every error Headwater raises on purpose, by whose fault it is.

HeadwaterError
├── MalformedInput   the other side sent something that breaks the format
├── MissingTemplate  readable later: keep the bytes, wait for the template
├── Misconfigured    the operator must change a setting or an argument
├── MissingProgram   a program or extra that this task needs is not installed
├── RemoteFault      another system failed or refused; asking again may help
└── LakeDamaged      a table on disk does not hold what its manifest promises
"""


class HeadwaterError(Exception):
    """Root of every deliberate error; its text is fit for an operator to read."""


class MalformedInput(HeadwaterError):
    """The other side sent bytes or text that break the format."""


class MissingTemplate(HeadwaterError):
    """A data set arrived before the template that describes it."""


class Misconfigured(HeadwaterError):
    """A setting or argument is missing or cannot mean anything."""


class MissingProgram(HeadwaterError):
    """A program or optional package is needed here and not installed."""


class RemoteFault(HeadwaterError):
    """Another system failed, refused or was silent; asking again may help."""


class LakeDamaged(HeadwaterError):
    """A table's files do not hold what its manifest promises."""
