package cloud

import (
	"strings"
	"testing"
)

// Templates do not contain a secret's value, and it is rotated.
func testSecrets(t *testing.T, s stack) {
	s.of("AWS::SecretsManager::Secret", func(id string, p properties) {
		if p["SecretString"] != nil {
			t.Errorf("%s has its value in the template", id)
		}
		if n := s.of("AWS::SecretsManager::RotationSchedule", func(id string, p properties) {
			if got := p.get("RotationRules", "ScheduleExpression"); got != "rate(30 days)" {
				t.Errorf("%s: %v", id, got)
			}
		}); n != 1 {
			t.Errorf("%s has %d rotation schedules", id, n)
		}
	})
}

// Password attempts are counted by the function that signs in, which may not do
// anything else with the counts.
func testGuesses(t *testing.T, s stack) {
	n := s.of("AWS::IAM::Role", func(id string, p properties) {
		policies, _ := p["Policies"].([]any)
		for _, policy := range policies {
			statements, _ := properties(policy.(map[string]any)).get("PolicyDocument", "Statement").([]any)
			for _, statement := range statements {
				of := properties(statement.(map[string]any))
				if strings.Contains(text(of["Resource"]), "GuessTable") && (id != "LoginFunctionRole" || of["Action"] != "dynamodb:UpdateItem") {
					t.Errorf("%s may do %s to the counts of guesses", id, text(of["Action"]))
				}
			}
		}
	})
	if n == 0 || !strings.Contains(text(s.Resources["LoginFunctionRole"].Properties), "GuessTable") {
		t.Error("no role may count guesses")
	}
}

// updated returns the attributes that a role may update in a table, as JSON.
func updated(role properties, table string) string {
	found := "nothing"
	policies, _ := role["Policies"].([]any)
	for _, policy := range policies {
		statements, _ := properties(policy.(map[string]any)).get("PolicyDocument", "Statement").([]any)
		for _, statement := range statements {
			of := properties(statement.(map[string]any))
			if strings.Contains(text(of["Action"]), "UpdateItem") && strings.Contains(text(of["Resource"]), table) {
				found = text(of.get("Condition", "ForAllValues:StringEquals", "dynamodb:Attributes"))
			}
		}
	}
	return found
}

// Sessions expire, are encrypted, and no function may do more with them than its
// route does. The demo's user, whose password is public, is not deployed.
func testSessions(t *testing.T, s stack) {
	n := s.of("AWS::DynamoDB::Table", func(id string, p properties) {
		if p.get("TimeToLiveSpecification", "AttributeName") != "expires_at" || text(p.get("TimeToLiveSpecification", "Enabled")) != "true" {
			t.Errorf("%s keeps sessions for ever: %s", id, text(p["TimeToLiveSpecification"]))
		}
		if text(p.get("SSESpecification", "SSEEnabled")) != "true" {
			t.Errorf("%s: encryption %s", id, text(p["SSESpecification"]))
		}
	})
	if n != 2 {
		t.Errorf("%d tables, want that of sessions and that of guesses", n)
	}
	if s.Resources["SessionTable"].Properties["PointInTimeRecoverySpecification"] == nil {
		t.Error("SessionTable: no recovery")
	}
	for role, refused := range map[string][]string{
		"LoginFunctionRole":  {"Scan", "Batch"},
		"LogoutFunctionRole": {"PutItem", "Scan", "Batch"},
		"MeFunctionRole":     {"PutItem", "DeleteItem", "Query", "Scan", "Batch"},
	} {
		policies := text(s.Resources[role].Properties["Policies"])
		if !strings.Contains(policies, "dynamodb:") {
			t.Errorf("%s: %s", role, policies)
		}
		for _, action := range refused {
			if strings.Contains(policies, "dynamodb:"+action) {
				t.Errorf("%s may do %s", role, action)
			}
		}
	}
	for role, want := range map[string]string{
		"LogoutFunctionRole": `["user_handle","token_hash","session_mark","expires_at"]`,
		"MeFunctionRole":     `["user_handle","token_hash","expires_at"]`,
	} {
		if got := updated(s.Resources[role].Properties, "SessionTable"); got != want {
			t.Errorf("%s may update %s of sessions, want %s", role, got, want)
		}
	}
	if got := updated(s.Resources["LoginFunctionRole"].Properties, "SessionTable"); got != "nothing" {
		t.Errorf("LoginFunctionRole may update %s of sessions", got)
	}
	s.of("AWS::Lambda::Function", func(id string, p properties) {
		if value := p.get("Environment", "Variables", "DEMO_USERS"); value != nil && value != "" {
			t.Errorf("%s: DEMO_USERS is %s", id, text(value))
		}
	})
}
