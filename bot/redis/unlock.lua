-- Releases a lock, unless it has lapsed and is another's now.
-- KEYS 1 the lock.  ARGV 1 what its owner put there.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
