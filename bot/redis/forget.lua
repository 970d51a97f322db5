-- Deletes the session of a user, the replies to them and their lines.
-- KEYS 1 the session, 2 the messages answered to the user, 3 the journal of the bucket.
-- ARGV 1 user, 2 where in the journal to begin ('-'), 3 how many lines to look at.
-- Returns where to go on, or nothing: one call must not hold up everybody.
-- The messages are keys of the same slot as KEYS, though not among them.
for _, message in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  redis.call('DEL', message)
end
redis.call('DEL', KEYS[1], KEYS[2])

local entries = redis.call('XRANGE', KEYS[3], ARGV[2], '+', 'COUNT', ARGV[3])
for _, entry in ipairs(entries) do
  if entry[2][2] == ARGV[1] then
    redis.call('XDEL', KEYS[3], entry[1])
  end
end
if #entries < tonumber(ARGV[3]) then
  return false
end
return '(' .. entries[#entries][1]
