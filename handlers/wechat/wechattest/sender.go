// Package wechattest is WeChat's side of an official account: a Sender that signs,
// encrypts, posts, retries and judges replies as WeChat does, and an API that stands
// in for api.weixin.qq.com. It knows nothing of any particular bot, so any server of
// an official account can be tested with it.
//
// Its one rule: it shares no parsing or sealing code with the server under test.
//
// Code that is no test may import it too, to talk to its own webhook as WeChat would
// (a chat page, for instance): Sender.Request builds a signed request and Sender.Judge
// reads the reply. Nothing here imports package testing or net/http/httptest.
package wechattest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"zizhi/handlers/wechat"
)

// DefaultAccount is the account's id (gh_…) if a Sender names none.
const DefaultAccount = "gh_0123456789ab"

const (
	answerTime = 5 * time.Second
	deliveries = 3
	bodyLimit  = 1 << 20
)

// Sender is WeChat for one official account. Its fields are not changed once it is in
// use; its methods may then be called from many goroutines.
type Sender struct {
	URL     string      // the server's address as in the console
	Token   string      // as in the console
	AppID   string      // goes into the ciphertext in Compat and Safe
	Key     string      // EncodingAESKey, 43 characters, used in Compat and Safe
	Mode    wechat.Mode // how bodies travel
	Account string      // the account's own id; "" = DefaultAccount

	Client        *http.Client     // nil = http.DefaultClient
	Wait          time.Duration    // how long a complete answer may take; 0 = 5 s
	Pause         time.Duration    // between a failed delivery and the next; WeChat makes none
	SameSignature bool             // retries repeat the query of the first delivery; otherwise each is signed anew
	Now           func() time.Time // the clock that signs; nil = time.Now
}

func (s *Sender) account() string {
	if s.Account == "" {
		return DefaultAccount
	}
	return s.Account
}

func (s *Sender) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// sign makes the query that proves a delivery; sealed is the Encrypt text, "" in plain.
func (s *Sender) sign(sealed string) url.Values {
	n, _ := rand.Int(rand.Reader, big.NewInt(1<<31)) // fails only without randomness, and then the program ends
	stamp, nonce := strconv.FormatInt(s.now().Unix(), 10), n.String()
	q := url.Values{
		"signature": {util.Signature(s.Token, stamp, nonce)},
		"timestamp": {stamp},
		"nonce":     {nonce},
	}
	if sealed != "" {
		q.Set("encrypt_type", "aes")
		q.Set("msg_signature", util.Signature(s.Token, stamp, nonce, sealed))
	}
	return q
}

// Request builds one signed delivery of m, with a fresh timestamp, nonce and encryption.
func (s *Sender) Request(ctx context.Context, m Message) (*http.Request, error) {
	body, sealed := m.XML(s.account()), ""
	if s.Mode != wechat.Plain {
		var err error
		if sealed, err = s.encrypt(body); err != nil {
			return nil, err
		}
		body = s.wrap(body, sealed)
	}
	q := s.sign(sealed)
	q.Set("openid", m.From)
	return s.post(ctx, q, body)
}

func (s *Sender) post(ctx context.Context, q url.Values, body []byte) (*http.Request, error) {
	address, err := s.address(q)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("wechattest: %w", err)
	}
	r.Header.Set("Content-Type", "text/xml")
	r.Header.Set("User-Agent", "Mozilla/4.0")
	return r, nil
}

// address adds q to whatever query the configured address has itself.
func (s *Sender) address(q url.Values) (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", fmt.Errorf("wechattest: the server's address: %w", err)
	}
	own := u.Query()
	for name, values := range q {
		own[name] = values
	}
	u.RawQuery = own.Encode()
	return u.String(), nil
}

func (s *Sender) encrypt(body []byte) (string, error) {
	random := make([]byte, 16)
	rand.Read(random) // never fails, see crypto/rand
	sealed, err := util.EncryptMsg(random, body, s.AppID, s.Key)
	if err != nil {
		return "", fmt.Errorf("wechattest: encrypt: %w", err)
	}
	return string(sealed), nil
}

// wrap writes the body of an encrypted delivery: in Compat the plain fields stay.
func (s *Sender) wrap(plain []byte, sealed string) []byte {
	if s.Mode == wechat.Compat {
		end := bytes.LastIndex(plain, []byte("</xml>"))
		return fmt.Appendf(plain[:end:end], "<Encrypt>%s</Encrypt>\n</xml>", cdata(sealed))
	}
	return fmt.Appendf(nil, "<xml>\n<ToUserName>%s</ToUserName>\n<Encrypt>%s</Encrypt>\n</xml>", cdata(s.account()), cdata(sealed))
}

// Verify does what the console does when the server's address is saved: it sends an
// echostr and expects exactly that back.
func (s *Sender) Verify(ctx context.Context) error {
	q := s.sign("")
	echo := strconv.FormatUint(uint64(lastID.Add(1)), 10)
	q.Set("echostr", echo)
	address, err := s.address(q)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("wechattest: %w", err)
	}
	status, body, err := s.exchange(r)
	switch {
	case err != nil:
		return fmt.Errorf("请求URL超时: %w", err)
	case status != http.StatusOK || string(body) != echo:
		return fmt.Errorf("token验证失败: status %d, body %.80q, expected the echostr %s alone", status, body, echo)
	}
	return nil
}

// Send delivers m, up to three times as WeChat does when no complete answer with
// status 200 came within Wait, and judges the answer. The error wraps ErrFault if the
// person would read that the account is out of order.
func (s *Sender) Send(ctx context.Context, m Message) (*Reply, error) {
	first, err := s.Request(ctx, m)
	if err != nil {
		return nil, err
	}
	for request, n := first, 1; ; n++ {
		start := time.Now()
		status, body, err := s.exchange(request)
		if err == nil && status == http.StatusOK {
			reply, err := s.Judge(m, status, body)
			if reply != nil {
				reply.Deliveries, reply.Took = n, time.Since(start)
			}
			return reply, err
		}
		if err == nil {
			err = fmt.Errorf("status %d: %.200q", status, body)
		}
		if n == deliveries || ctx.Err() != nil {
			return nil, fmt.Errorf("%w (%d deliveries; the last: %w)", ErrFault, n, err)
		}
		if request, err = s.again(ctx, first, m); err != nil {
			return nil, err
		}
	}
}

// again waits and builds the next delivery of the same message.
func (s *Sender) again(ctx context.Context, first *http.Request, m Message) (*http.Request, error) {
	select {
	case <-time.After(s.Pause):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !s.SameSignature {
		return s.Request(ctx, m)
	}
	body, err := first.GetBody()
	if err != nil {
		return nil, err
	}
	r := first.Clone(ctx)
	r.Body = body
	return r, nil
}

// exchange does one HTTP exchange; the time-out covers the last byte of the answer.
func (s *Sender) exchange(r *http.Request) (status int, body []byte, err error) {
	wait := s.Wait
	if wait <= 0 {
		wait = answerTime
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(r.WithContext(ctx))
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, bodyLimit+1))
	if err == nil && len(body) > bodyLimit {
		err = errors.New("the answer is longer than 1 MiB")
	}
	return response.StatusCode, body, err
}

// decrypt opens the Encrypt text of a reply.
func (s *Sender) decrypt(sealed string) ([]byte, error) {
	if _, err := base64.StdEncoding.DecodeString(sealed); err != nil {
		return nil, fmt.Errorf("the Encrypt text is not base64: %w", err)
	}
	_, body, err := util.DecryptMsg(s.AppID, sealed, s.Key)
	return body, err
}
