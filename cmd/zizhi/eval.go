package main

import (
	"encoding/json"
	"os"

	"zizhi/bot/eval"
)

type evalCommand struct {
	knowledgeFlags
	File   string `arg:"" help:"Labelled questions, one JSON object a line: q, kind, want, and where they apply history, have, tags."`
	JSON   bool   `name:"json" help:"Print the report as JSON."`
	Misses int    `default:"20" help:"How many misses to list."`
}

func (c *evalCommand) Run(std streams) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	questions, err := eval.Read(file, c.File)
	if err != nil {
		return err
	}
	x, err := c.expert()
	if err != nil {
		return err
	}
	report := eval.Summarize(eval.Run(localBot(x, len(questions)), questions))
	if c.JSON {
		encoder := json.NewEncoder(std.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		return encoder.Encode(report)
	}
	report.Print(std.out, c.Misses)
	return nil
}
