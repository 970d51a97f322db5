package bot

import (
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed sentences.yaml
var sentencesFile []byte

// sentences are the things the bot says, by name.
var sentences = loadSentences()

func loadSentences() map[string]string {
	all := map[string]string{}
	if err := yaml.Unmarshal(sentencesFile, &all); err != nil {
		panic(fmt.Sprintf("sentences.yaml: %v", err)) // it is built in, and a test loads it
	}
	return all
}

// say fills a sentence; pairs are names and values of its {braces}.
func say(name string, pairs ...string) string {
	text, ok := sentences[name]
	if !ok {
		panic("sentences.yaml has no " + name)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}
