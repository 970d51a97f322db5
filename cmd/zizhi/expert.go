package main

import (
	"crypto/rand"
	"io/fs"
	"os"

	"zizhi/bot"
	"zizhi/knowledge"
	"zizhi/knowledge/match"
)

// knowledgeFlags choose what is known; several commands share them.
type knowledgeFlags struct {
	Edition string `env:"ZIZHI_EDITION" default:"2017-04" placeholder:"ID" help:"The edition of the table that answers."`
	Data    string `env:"ZIZHI_DATA" placeholder:"FOLDER" help:"Folder with further tables and wordings."`
}

// load loads the knowledge, with the operator's folder on top where there is one.
func load(folder string) (*knowledge.Base, error) {
	var folders []fs.FS
	if folder != "" {
		folders = append(folders, os.DirFS(folder))
	}
	return knowledge.Load(folders...)
}

// expert loads the knowledge and builds the reader of an edition.
func (f knowledgeFlags) expert() (*bot.Expert, error) {
	base, err := load(f.Data)
	if err != nil {
		return nil, err
	}
	edition, err := base.Edition(f.Edition)
	if err != nil {
		return nil, err
	}
	reader, err := match.New(base, edition)
	if err != nil {
		return nil, err
	}
	return &bot.Expert{Base: base, Edition: edition, Reader: reader}, nil
}

// localBot is a bot for one command: it remembers in this process and hashes with a key of its own.
func localBot(x *bot.Expert, conversations int) *bot.Bot {
	return &bot.Bot{Expert: x, Memory: bot.NewLocal(conversations), Secret: randomSecret()}
}

func randomSecret() []byte {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	return secret
}
