/**
 * What has to happen in Redis in one step. A client's session is one hash: `level`, `speaker`, and `uri:…` for each subscription;
 * `ended` alone once it has ended. Whatever others have to hear of is published in the same step.
 */

/** KEYS session; ARGV for how long it is kept. Whether it has ended, and its level. */
export const lookScript = `
local found = redis.call('HMGET', KEYS[1], 'ended', 'level')
if not found[1] then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {found[1] or '', found[2] or ''}`

/** KEYS session; ARGV ttl, channel, what is told, field, value, most subscriptions. */
export const setScript = `
if redis.call('HEXISTS', KEYS[1], 'ended') == 1 then return 'ended' end
if string.sub(ARGV[4], 1, 4) == 'uri:' and redis.call('HEXISTS', KEYS[1], ARGV[4]) == 0 then
  local others = redis.call('HEXISTS', KEYS[1], 'level') + redis.call('HEXISTS', KEYS[1], 'speaker')
  if redis.call('HLEN', KEYS[1]) - others >= tonumber(ARGV[6]) then return 'full' end
end
redis.call('HSET', KEYS[1], ARGV[4], ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 'set'`

/** KEYS session; ARGV channel, what is told, field, the value that it must have or ''. */
export const unsetScript = `
local value = redis.call('HGET', KEYS[1], ARGV[3])
if not value or (ARGV[4] ~= '' and value ~= ARGV[4]) then return 0 end
redis.call('HDEL', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1`

/** KEYS session; ARGV for how long the end is remembered, channel, what is told. */
export const endClientScript = `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1`

/** KEYS session; ARGV ttl, names and values. Nothing where the session is there. */
export const putBackScript = `
if #ARGV < 3 or redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`

/** KEYS question; ARGV for how long its answer is kept, channel, what is told, the answer. An answer to no question is dropped. */
export const answerScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1`
