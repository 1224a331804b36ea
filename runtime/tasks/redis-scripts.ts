/**
 * What has to happen in Redis in one step. A task is one hash: `spec`, owner, fence, status, message, updated, progress, result
 * or error; `ask:` before the key of each request to the client, `in:` before that of each answer. Its time to live is
 * that of the key. Each change is published in the same step.
 */

/** KEYS task; ARGV ttl, then names and values. */
export const createScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`

/** Of a task that has ended nothing is open. */
const close = `
  for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.find(name, '^ask:') or string.find(name, '^in:') then redis.call('HDEL', KEYS[1], name) end
  end
  redis.call('HDEL', KEYS[1], 'progress')`

/** Whoever changes a task has the channel and its id as the last of ARGV. */
const told = `
local id = table.remove(ARGV)
local channel = table.remove(ARGV)`
const tell = `redis.call('PUBLISH', channel, id)`

/** KEYS task; ARGV fence, key that is dropped or '', then names and values. kept, or why not. */
export const writeScript = `${told}
local fence = redis.call('HGET', KEYS[1], 'fence')
if not fence then return 'missing' end
if fence ~= ARGV[1] or redis.call('HGET', KEYS[1], 'status') ~= 'working' then return 'ended' end
if ARGV[2] ~= '' then redis.call('HDEL', KEYS[1], 'ask:' .. ARGV[2], 'in:' .. ARGV[2]) end
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if redis.call('HGET', KEYS[1], 'status') ~= 'working' then ${close} end
${tell}
return 'kept'`

/** KEYS task; ARGV now, message. The owner where it ended the task. */
export const cancelScript = `${told}
if redis.call('HGET', KEYS[1], 'status') ~= 'working' then return false end
redis.call('HSET', KEYS[1], 'status', 'cancelled', 'updated', ARGV[1], 'message', ARGV[2]) ${close}
${tell}
return redis.call('HGET', KEYS[1], 'owner')`

/** KEYS task; ARGV now, then keys and answers. The owner, who is to read them. */
export const answerScript = `${told}
if redis.call('HGET', KEYS[1], 'status') ~= 'working' then return false end
for i = 2, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[1], 'ask:' .. ARGV[i]) == 1 then
    redis.call('HSETNX', KEYS[1], 'in:' .. ARGV[i], ARGV[i + 1])
  end
end
redis.call('HSET', KEYS[1], 'updated', ARGV[1])
${tell}
return redis.call('HGET', KEYS[1], 'owner')`

/** KEYS task; ARGV fence. */
export const releaseScript = `
if redis.call('HGET', KEYS[1], 'fence') == ARGV[1] then redis.call('HSET', KEYS[1], 'owner', '') end
return 1`

/** KEYS task; ARGV fence to take over from, instance. The new fence, or ''. What was asked has nobody who waits for it. */
export const takeScript = `${told}
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return '' end
if redis.call('HGET', KEYS[1], 'status') ~= 'working' then return '' end
local fence = tostring(tonumber(ARGV[1]) + 1)
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'fence', fence) ${close}
${tell}
return fence`
