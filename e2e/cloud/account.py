"""Serves moto as "python -m moto.server" does, with a CloudFormation that takes
what SAM deploys: a change set with the SAM transform in it.

usage: account.py -H HOST -p PORT
"""

import json

from moto.cloudformation.models import ChangeSet
from moto.server import main

from expand import expand
from rehearse import reduce

parse = ChangeSet._parse_template


def parse_and_expand(self):
    parse(self)
    if "Transform" in self.template_dict:
        self.template_dict = reduce(expand(self.template_dict, self.parameters))


def apply(self):  # moto's forgets the outputs
    self.stack.update(json.dumps(self.template_dict), self.role_arn, self.parameters, self.tags)


ChangeSet._parse_template, ChangeSet.apply = parse_and_expand, apply
main()
