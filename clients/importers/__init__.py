"""Register files into the directory of clients (russia 1).

`read_records` reads one XML file; `sources` finds files in folders and ZIPs; `staging` copies a file into a
temporary table; `merge` writes what differs, a batch and a checkpoint per transaction.
"""

from .reader import read_records
from .records import RegistryFileError, RegistryRecord

__all__ = ["RegistryFileError", "RegistryRecord", "read_records"]
