"""Prints what the SAM transform makes of a template, as JSON.

usage: expand.py TEMPLATE
       expand.py < a JSON list of templates' texts, for a list of what becomes of each
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


def expand_or_error(text):
    try:
        return expand(yaml_parse(text), {})
    except Exception as e:
        return {"Error": str(e)}


def main(file=None):
    if file is None:
        json.dump([expand_or_error(text) for text in json.load(sys.stdin)], sys.stdout)
        return
    with open(file) as f:
        template = yaml_parse(f)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":  # as after sam package
            resource["Properties"]["CodeUri"] = "s3://code/function.zip"
    json.dump(expand(template, {}), sys.stdout, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
