package account

import (
	"io"
	"net/http"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

const (
	patience      = 5 * time.Second // for one call, with its answer
	largestAnswer = 1 << 20         // bytes; beyond it an answer is cut, and so unreadable
)

// The SDK makes every call of the process with one client, which by default
// waits for ever. It is set here once, before anybody calls: a field that is
// set later would race with calls under way.
func init() {
	util.DefaultHTTPClient = newClient(patience)
}

func newClient(patience time.Duration) *http.Client {
	return &http.Client{
		Timeout:   patience,
		Transport: transport{http.DefaultTransport.(*http.Transport).Clone()}, // knows HTTPS_PROXY
		// The token stands in the address: it goes nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// transport bounds what the SDK reads, and shows the head of an answer to who asks for it.
type transport struct{ next http.RoundTripper }

// headKey is the key of a context's *http.Header that receives the head of the answer.
type headKey struct{}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if head, ok := r.Context().Value(headKey{}).(*http.Header); ok {
		*head = answer.Header
	}
	answer.Body = bounded{io.LimitReader(answer.Body, largestAnswer), answer.Body}
	return answer, nil
}

type bounded struct {
	io.Reader
	io.Closer
}
