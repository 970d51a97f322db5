-- Stores what came of a message and returns 1, unless a reply to it stands: then returns that ('=…').
-- KEYS 1 the message, 2 the session, 3 the messages answered to the user, 4 the journal of the bucket.
-- ARGV 1 reply, 2 session, 3 line ('' nothing, else '=…'), 4 user,
--      5 life of a reply, 6 of a session, 7 of a line, in seconds, 8 lines kept.
-- The first write is one that a full Redis refuses, so it refuses all or none.
local standing = redis.call('GET', KEYS[1])
if standing and standing ~= '' then
  return standing
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[5])

if ARGV[2] == '' then
  redis.call('DEL', KEYS[2])
else
  redis.call('SET', KEYS[2], string.sub(ARGV[2], 2), 'EX', ARGV[6])
end

local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[3], now, KEYS[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. now - ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[5])

if ARGV[3] ~= '' then
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[8], '*', 'user', ARGV[4], 'line', string.sub(ARGV[3], 2))
  redis.call('XTRIM', KEYS[4], 'MINID', string.format('%d000', now - ARGV[7]))
  redis.call('EXPIRE', KEYS[4], ARGV[7])
end
return 1 -- not nothing, which the library treats as an error, at some cost
