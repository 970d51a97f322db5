package redis

import (
	"testing"

	"zizhi/bot/redis/redistest"
)

// Whatever the network to a well Redis does, no call takes longer than its
// bound, nothing passes for stored that is not, and messages are served again
// when it is good.
func TestBadNetwork(t *testing.T) {
	server := redistest.Start(t)
	network := redistest.Between(t, server.Addr)
	m := open(t, "redis://"+network.Addr)
	wantHealed(t, m, healed)
	for _, trouble := range redistest.Troubles {
		t.Run(trouble.Name, func(t *testing.T) {
			errs := m.Stats().Errors
			network.Spoil(trouble)
			for range 5 {
				eachCall(t, m)
				if err := exchange(t.Context(), m, some()); err == nil && trouble.Hopeless {
					t.Error("a message passes for stored")
				}
			}
			if errs = m.Stats().Errors - errs; errs == 0 && !trouble.Mild {
				t.Error("no trip has failed")
			}
			t.Logf("%d trips failed; %+v", errs, m.Stats())
			network.Mend()
			wantHealed(t, m, healed)
		})
	}
}
