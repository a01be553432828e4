"""Creates, updates and deletes the stack of an expanded template in moto, and
prints what there was each time.

usage: rehearse.py EXPANDED
"""

import io
import json
import os
import sys
import zipfile

os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}

import boto3
from moto import mock_aws


def reduce(template):
    """Leaves out what moto cannot make: it reads neither the API's name nor its
    methods out of the body, so that there is nothing to deploy."""
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] == "AWS::ApiGateway::RestApi":
            resource["Properties"]["Name"] = resource["Properties"]["Body"]["info"]["title"]
        if resource["Type"] in ("AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage"):
            del template["Resources"][name]
    return template


@mock_aws
def main(file):
    with open(file) as f:
        template = reduce(json.load(f))

    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("bootstrap", "")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="function.zip", Body=code.getvalue())

    stacks = boto3.client("cloudformation")

    def stack():
        return {
            "StackName": "crumb",
            "TemplateBody": json.dumps(template),
            "Capabilities": ["CAPABILITY_IAM"],
            "Parameters": [
                {"ParameterKey": "AccessLogs", "ParameterValue": "true"},
                {"ParameterKey": "AlarmTopic", "ParameterValue": "arn:aws:sns:us-east-1:123456789012:alarms"},
            ],
        }

    def functions():
        return {
            f["FunctionName"]: {key: f[key] for key in ("Runtime", "Handler", "Timeout", "Role")}
            for f in boto3.client("lambda").list_functions()["Functions"]
        }

    stacks.create_stack(**stack())
    created = {
        r["LogicalResourceId"]: r["ResourceStatus"]
        for r in stacks.list_stack_resources(StackName="crumb")["StackResourceSummaries"]
    }
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stacks.describe_stacks(StackName="crumb")["Stacks"][0]["Outputs"]}
    logs = boto3.client("logs").describe_log_groups()["logGroups"]
    report = {
        "created": created,
        "outputs": outputs,
        "functions": functions(),
        "retention": [group["retentionInDays"] for group in logs],
    }

    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Timeout"] = 7
    stacks.update_stack(**stack())
    report["updated"] = functions()

    stacks.delete_stack(StackName="crumb")
    report["left"] = sorted(functions()) + [r["RoleName"] for r in boto3.client("iam").list_roles()["Roles"]]
    json.dump(report, sys.stdout, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
