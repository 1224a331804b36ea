/**
 * What has to happen in Redis in one step. A session is one hash: owner, url and fence; `v:` before the name of each value;
 * `ended` alone once it has ended. Its time to live is that of the key.
 */

/** KEYS session; ARGV instance, url, ttl, create, fence to take over from. */
export const openScript = `
if redis.call('HEXISTS', KEYS[1], 'ended') == 1 then return {'ended'} end
local owner = redis.call('HGET', KEYS[1], 'owner')
if not owner and ARGV[4] == '0' then return {'missing'} end
local fence = redis.call('HGET', KEYS[1], 'fence') or '0'
if owner and owner ~= '' and owner ~= ARGV[1] and fence ~= ARGV[5] then
  return {'elsewhere', fence, owner, redis.call('HGET', KEYS[1], 'url')}
end
if owner ~= ARGV[1] then
  fence = tostring(tonumber(fence) + 1)
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'url', ARGV[2], 'fence', fence)
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local answer = redis.call('HGETALL', KEYS[1])
table.insert(answer, 1, fence)
table.insert(answer, 1, 'owned')
return answer`

/** KEYS session; ARGV fence or '', ttl, how many are set, their names and values, names that are taken away. 1, or why not. */
export const saveScript = `
local fence = redis.call('HGET', KEYS[1], 'fence')
if not fence then return redis.call('HEXISTS', KEYS[1], 'ended') == 1 and 'ended' or 'missing' end
if ARGV[1] ~= '' and fence ~= ARGV[1] then return 'moved' end
local set = tonumber(ARGV[3])
for i = 4, 3 + 2 * set, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = 4 + 2 * set, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'kept'`

/** KEYS session; ARGV instance, url, fence, ttl, names and values. Puts back what Redis has lost; 1 where nobody else did. */
export const restoreScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'url', ARGV[2], 'fence', ARGV[3])
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`

/** KEYS session; ARGV fence. */
export const releaseScript = `
if redis.call('HGET', KEYS[1], 'fence') == ARGV[1] then redis.call('HSET', KEYS[1], 'owner', '') end
return 1`

/** KEYS session; ARGV fence or '', for how long its end is remembered. */
export const endScript = `
local fence = redis.call('HGET', KEYS[1], 'fence')
if not fence or (ARGV[1] ~= '' and fence ~= ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`
