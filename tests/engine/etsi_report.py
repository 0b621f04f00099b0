"""Reads ETSI validation reports (TS 119 102-2) with the classes pyHanko generated from the schema.

Standard input: one path a line. Standard output: for each, the main indications, separated by
blanks. Anything the schema does not know is an error.
"""

import sys

from pyhanko.generated.etsi.ts_11910202 import ValidationReport
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

strict = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True)
for line in sys.stdin:
    report = XmlParser(config=strict).parse(line.strip(), ValidationReport)
    found = [one.signature_validation_status for one in report.signature_validation_report]
    print(" ".join(one.main_indication.rsplit(":", 1)[-1] for one in found))
