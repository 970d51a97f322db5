package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"golang.org/x/term"

	"zizhi/bot"
)

type askCommand struct {
	knowledgeFlags
	JSON     bool     `name:"json" help:"Print one JSON object a line: q, kind, rows, have, missing, score, why, edition, reply."`
	Why      bool     `help:"Print the reasons, strongest first."`
	Question []string `arg:"" optional:"" help:"The question. Without one: a conversation on a terminal, one question a line from a pipe; a line that begins with { is {\"q\":…,\"history\":[…]}."`
}

// longestLine bounds a line from a pipe, in bytes.
const longestLine = 1 << 20

func (c *askCommand) Run(std streams) error {
	x, err := c.expert()
	if err != nil {
		return err
	}
	a := &asker{askCommand: c, bot: localBot(x, 1000), out: bufio.NewWriter(std.out)}
	defer a.out.Flush()
	if len(c.Question) > 0 {
		return a.print(a.ask("one", strings.Join(c.Question, " ")))
	}
	for _, other := range x.Others {
		other.Reader() // now, not in the middle of a conversation
	}
	if isTerminal(std.in) {
		return a.converse(std.in)
	}
	return a.pipe(std.in)
}

func isTerminal(in io.Reader) bool {
	file, ok := in.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// asker asks the bot and prints what it says.
type asker struct {
	*askCommand
	bot *bot.Bot
	out *bufio.Writer
}

// ask sends one message of a user, by the same door as every other message.
func (a *asker) ask(user, text string) bot.Reply {
	reply, err := a.bot.Reply(context.Background(), bot.Message{Kind: bot.Text, User: user, Text: text, At: time.Now(), Explain: a.JSON || a.Why})
	if err != nil {
		panic(err) // messages without a proof are never replays
	}
	return reply
}

// converse is one conversation on a terminal; an empty line or end of file ends it.
func (a *asker) converse(in io.Reader) error {
	lines := bufio.NewScanner(in)
	for {
		fmt.Fprint(a.out, "> ")
		a.out.Flush()
		if !lines.Scan() || strings.TrimSpace(lines.Text()) == "" {
			return lines.Err()
		}
		if err := a.print(a.ask("terminal", lines.Text())); err != nil {
			return err
		}
	}
}

// object is how a line of JSON begins: {投票}小游戏要什么证 is a question as it stands.
var object = regexp.MustCompile(`^{\s*["}]`)

// pipe answers a question a line, each a conversation of its own.
func (a *asker) pipe(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		q := struct {
			Q       string   `json:"q"`
			History []string `json:"history"`
		}{Q: line}
		if object.MatchString(line) {
			if err := json.Unmarshal([]byte(line), &q); err != nil {
				return fmt.Errorf("line %d: %w; write {\"q\":\"…\",\"history\":[\"…\"]}", n, err)
			}
		}
		user := fmt.Sprintf("line %d", n)
		for _, earlier := range q.History {
			a.ask(user, earlier)
		}
		if err := a.print(a.ask(user, q.Q)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (a *asker) print(r bot.Reply) error {
	if a.JSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(r)
	}
	fmt.Fprintln(a.out, plain(r.Text))
	if a.Why {
		fmt.Fprintf(a.out, "\n%s, score %.2f, edition %s\n", r.Kind, r.Score, r.Edition)
		for _, e := range r.Why {
			fmt.Fprintf(a.out, "  %s\n", e)
		}
	}
	return nil
}

var link = regexp.MustCompile(`<a href="[^"]*">([^<]*)</a>`)

// plain is a reply without WeChat's links, for a terminal.
func plain(text string) string { return link.ReplaceAllString(text, "$1") }
