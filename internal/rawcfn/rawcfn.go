// Package rawcfn reads the resources of plain CloudFormation, written by hand, made by
// CDK or packaged by the Serverless Framework, as package sam reads those of SAM.
package rawcfn

import (
	"slices"

	"github.com/crumb-go/crumb/internal/cfn"
)

// served are the resources that something can be served of.
var served = []string{"AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Lambda::Function"}

// Serves reports whether a template needs no transform to have something to serve.
func Serves(root *cfn.Value) bool {
	resources := root.Get("Resources")
	return resources != nil && slices.ContainsFunc(resources.Fields, func(f cfn.Field) bool {
		return slices.Contains(served, f.Value.Get("Type").Str())
	})
}
