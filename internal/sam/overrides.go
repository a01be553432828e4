package sam

import (
	"fmt"
	"strings"
)

// ParseOverrides reads parameter values as sam's --parameter-overrides takes
// them, each text holding any number of them, separated by spaces:
//
//	Stage=prod Greeting="Hello there"
//	ParameterKey=Stage,ParameterValue=prod
//
// Quotes, single or double, keep spaces; a backslash keeps the space or the
// quote after it. The last value of a name wins. Errors tell which value is
// meant but not what it is.
func ParseOverrides(texts ...string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range texts {
		if err := parseOverrides(values, text); err != nil {
			return nil, fmt.Errorf("sam: %w", err)
		}
	}
	return values, nil
}

func parseOverrides(values map[string]string, text string) error {
	words, err := splitWords(text)
	if err != nil {
		return err
	}
	for i, word := range words {
		if pair, ok := strings.CutPrefix(word, "ParameterKey="); ok {
			word = strings.Replace(pair, ",ParameterValue=", "=", 1)
		}
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" || strings.Contains(name, ",") {
			return fmt.Errorf("parameter override %d is neither Name=Value nor ParameterKey=Name,ParameterValue=Value", i+1)
		}
		values[name] = value
	}
	return nil
}

// splitWords splits at white space outside quotes, and takes the quotes away.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	open, quote := false, byte(0) // a word is under way; inside which quotes
	escaped := false
	for _, c := range []byte(text) {
		switch {
		case escaped:
			if c != ' ' && c != '"' && c != '\'' {
				word.WriteByte('\\')
			}
			word.WriteByte(c)
			escaped = false
		case c == '\\':
			open, escaped = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			open, quote = true, c
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			open = true
			word.WriteByte(c)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the parameter overrides end within %c", quote)
	}
	if escaped {
		word.WriteByte('\\')
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}
