/**
 * What has to happen in Redis in one step. A session is one hash: owner, url and fence, and the fields of the session;
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

/** KEYS session; ARGV ttl, instance or '', fence, how many are set, their names and values, names that are taken away. */
export const saveScript = `
local fence = redis.call('HGET', KEYS[1], 'fence')
if not fence then return redis.call('HEXISTS', KEYS[1], 'ended') == 1 and 'ended' or 'missing' end
if ARGV[2] ~= '' then
  if tonumber(fence) < tonumber(ARGV[3]) then return 'behind' end
  if fence ~= ARGV[3] or redis.call('HGET', KEYS[1], 'owner') ~= ARGV[2] then return 'moved' end
end
local set = tonumber(ARGV[4])
for i = 5, 4 + 2 * set, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = 5 + 2 * set, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 'kept'`

/** KEYS session; ARGV ttl, instance, fence, url, names and values. Puts back what Redis has lost; the highest fence wins. */
export const restoreScript = `
if redis.call('HEXISTS', KEYS[1], 'ended') == 1 then return 'ended' end
local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) >= tonumber(ARGV[3]) then
  if fence ~= ARGV[3] or redis.call('HGET', KEYS[1], 'owner') ~= ARGV[2] then return 'moved' end
  return 'kept'
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'url', ARGV[4], 'fence', ARGV[3])
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 'restored'`

/** KEYS session; ARGV instance, fence. */
export const releaseScript = `
if redis.call('HGET', KEYS[1], 'fence') == ARGV[2] and redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'owner', '')
end
return 1`

/** KEYS session; ARGV instance or '', fence, for how long its end is remembered. */
export const endScript = `
local fence = redis.call('HGET', KEYS[1], 'fence')
if not fence then return 0 end
if ARGV[1] ~= '' and (fence ~= ARGV[2] or redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`

/** KEYS sign of life, birth of the data; ARGV ttl. Whether the sign was there, the birth, and the time, both in ms of Redis. */
export const beatScript = `
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
local had = redis.call('EXISTS', KEYS[1])
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
redis.call('SET', KEYS[2], now, 'NX')
return {tostring(had), redis.call('GET', KEYS[2]), now}`
