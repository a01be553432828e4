"""Prints what the SAM transform makes of a template, as JSON.

usage: expand.py TEMPLATE
"""

import json
import os
import sys

os.environ["AWS_DEFAULT_REGION"] = "us-east-1"

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    def load(self):
        return {}


def expand(template, parameters):
    return transform(template, parameters, NoManagedPolicies())


def main(file):
    with open(file) as f:
        template = yaml_parse(f)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":  # as after sam package
            resource["Properties"]["CodeUri"] = "s3://code/function.zip"
    json.dump(expand(template, {}), sys.stdout, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
