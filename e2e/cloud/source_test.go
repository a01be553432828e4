package cloud

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// preferences are CodeDeploy's ways of shifting traffic between versions. With
// any other name nothing is deployed, and cfn-lint accepts it.
var preferences = []string{
	"AllAtOnce",
	"Canary10Percent5Minutes", "Canary10Percent10Minutes", "Canary10Percent15Minutes", "Canary10Percent30Minutes",
	"Linear10PercentEvery1Minute", "Linear10PercentEvery2Minutes", "Linear10PercentEvery3Minutes", "Linear10PercentEvery10Minutes",
}

// testSource checks rules that only show before the expansion, and that cfn-lint
// does not check.
func testSource(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct{ text, why string }{
		{"arn:aws:", "there are other partitions: use ${AWS::Partition}"},
		{"AuthType: NONE", "that is a function anybody may call"},
		{".amazonaws.com/", "there are other domains: use ${AWS::URLSuffix}"},
	} {
		if strings.Contains(string(text), bad.text) {
			t.Errorf("%s has %q: %s", file, bad.text, bad.why)
		}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	members(&root, func(key, value *yaml.Node) {
		switch {
		case key.Value == "Cors" && value.Value == "true",
			key.Value == "CorsConfiguration" && value.Value == "true":
			t.Errorf("%s:%d: any site may read the responses", file, key.Line)
		case key.Value == "DeploymentPreference" && value.Kind == yaml.MappingNode:
			members(value, func(key, value *yaml.Node) {
				if key.Value == "Type" && value.Tag == "!!str" && !slices.Contains(preferences, value.Value) {
					t.Errorf("%s:%d: CodeDeploy does not support %q", file, key.Line, value.Value)
				}
			})
		}
	})
}

// members calls f for each member of each mapping below a node.
func members(n *yaml.Node, f func(key, value *yaml.Node)) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			f(child, n.Content[i+1])
		}
		members(child, f)
	}
}
