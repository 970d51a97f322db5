package main

import (
	"cmp"
	"crypto/rand"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"zizhi/bot"
	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// knowledgeFlags choose what is known; several commands share them.
type knowledgeFlags struct {
	Edition string `placeholder:"ID" help:"Ask this edition of the table alone."`
	Account string `name:"account-edition" hidden:"" env:"ZIZHI_EDITION" default:"2017-04" help:"The edition that answers first."`
	Data    string `env:"ZIZHI_DATA" placeholder:"FOLDER" help:"Folder with further tables and wordings."`
}

// id is the edition that answers first.
func (f knowledgeFlags) id() string { return cmp.Or(f.Edition, f.Account) }

// load loads the knowledge, with the operator's folder on top where there is one.
func load(folder string) (*knowledge.Base, error) {
	var folders []fs.FS
	if folder != "" {
		folders = append(folders, os.DirFS(folder))
	}
	return knowledge.Load(folders...)
}

// expert loads the knowledge and builds the reader of an edition; unless that
// edition is asked alone, the others stand by.
func (f knowledgeFlags) expert() (*bot.Expert, error) {
	base, err := load(f.Data)
	if err != nil {
		return nil, err
	}
	edition, err := base.Edition(f.id())
	if err != nil {
		return nil, err
	}
	reader, err := match.New(base, edition)
	if err != nil {
		return nil, err
	}
	x := &bot.Expert{Base: base, Edition: edition, Reader: reader}
	if f.Edition == "" {
		x.Others = otherViews(base, edition)
	}
	return x, nil
}

// otherViews are the other editions that can be asked. Their readers are built
// when they are first wanted.
func otherViews(base *knowledge.Base, own *knowledge.Edition) []bot.View {
	var views []bot.View
	for _, edition := range base.Editions {
		if edition == own || !match.Trained(edition) {
			continue
		}
		views = append(views, bot.View{Edition: edition, Reader: sync.OnceValue(func() *match.Reader {
			reader, err := match.New(base, edition)
			if err != nil {
				panic(err) // a built-in model that does not fit is found by the tests
			}
			return reader
		})})
	}
	return views
}

// inBackground builds the readers of views at once, without anybody waiting.
func inBackground(views []bot.View) []bot.View {
	var all []bot.View
	for _, v := range views {
		ready := new(atomic.Pointer[match.Reader])
		go func() { ready.Store(v.Reader()) }()
		all = append(all, bot.View{Edition: v.Edition, Reader: ready.Load})
	}
	return all
}

// localBot is a bot for one command: it remembers in this process and hashes with a key of its own.
func localBot(x *bot.Expert, conversations int) *bot.Bot {
	return (&bot.Bot{Memory: bot.NewLocal(conversations), Secret: randomSecret()}).Teach(x)
}

func randomSecret() []byte {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	return secret
}
