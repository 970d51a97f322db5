-- Claims a message and loads the session of its user.
-- KEYS 1 the message, 2 the session.  ARGV 1 life of the claim in seconds.
-- Returns what stood under the message (nothing: new; empty: claimed; '=…': the reply), and the session.
local standing = redis.call('GET', KEYS[1])
if not standing then
  redis.call('SET', KEYS[1], '', 'EX', ARGV[1])
end
return {standing, redis.call('GET', KEYS[2])}
