-- Bounds the WebSocket messages that browsers send. HAProxy loads this file (see haproxy.cfg).
--
-- The runtime of a node assembles a fragmented message before Tidings can check its size, so a message whose
-- fragments never end would fill the memory of the node. This filter reads the frame headers on their way to the
-- node, and ends a connection whose message exceeds the limit or which has lasted too long.
--
--   filter lua.websocket_messages BYTES SECONDS
--
-- BYTES    limit of one message. The node itself closes with 1009 at 64 KiB; this limit is larger, so that an
--          honest client receives that close code.
-- SECONDS  limit of a connection's lifetime. Each connection gets between three quarters of it and all of it, so
--          that tabs which connected together do not reconnect together. It is checked whenever the browser sends
--          something, and browsers answer a ping every 22 s.
--
-- It runs only for upgraded connections, and sees only what browsers send, which is little.

local LONGEST_HEADER = 14 -- RFC 6455, section 5.2: two bytes, eight of length, four of mask

local function seconds_now()
  local now = core.now()
  return now.sec + now.usec / 1000000
end

-- The size of the header that begins with these bytes.
local function header_size(bytes)
  if #bytes < 2 then return 2 end
  local second = bytes:byte(2)
  local length, mask = second & 127, second & 128
  return 2 + (length == 127 and 8 or length == 126 and 2 or 0) + (mask ~= 0 and 4 or 0)
end

-- Negative if it exceeds 63 bits.
local function payload_size(header)
  local length = header:byte(2) & 127
  if length == 126 then return (string.unpack(">I2", header, 3)) end
  if length == 127 then return (string.unpack(">i8", header, 3)) end
  return length
end

local Filter = { id = "WebSocket messages", flags = filter.FLT_CFG_FL_HTX }
Filter.__index = Filter

-- Creates the filter of one request from the configured one.
function Filter:new()
  return setmetatable({
    bytes = self.bytes,
    seconds = self.seconds,
    header = "", -- the part of a frame header that has arrived
    payload = 0, -- bytes of the current frame that are still to come
    message = 0, -- bytes of the current message
  }, Filter)
end

-- Other requests are not filtered.
function Filter:http_headers(transaction, message)
  if message:is_resp() or message:get_headers()["upgrade"] == nil then return end
  self.request = message
  self.ends = seconds_now() + self.seconds * (0.75 + 0.25 * math.random())
  filter.register_data_filter(self, transaction.req)
end

-- Called with what the browser sends after the upgrade. HAProxy offers the bytes only through the request.
function Filter:tcp_payload(_, channel)
  if channel:is_resp() then return end
  if seconds_now() > self.ends then error("the connection has reached its maximum time") end
  local offset, available = 0, self.request:input()
  while offset < available do
    local skipped = math.min(self.payload, available - offset)
    self.payload = self.payload - skipped
    offset = offset + skipped
    if offset < available then offset = offset + self:read_header(offset) end
  end
end

-- Reads what has arrived of a frame header, and returns how many bytes that is.
function Filter:read_header(offset)
  local before = #self.header
  local bytes = self.header .. self.request:body(offset, LONGEST_HEADER - before)
  local size = header_size(bytes)
  if #bytes < size then
    self.header = bytes
    return #bytes - before
  end
  self.header = ""
  self:frame(bytes)
  return size - before
end

function Filter:frame(header)
  self.payload = payload_size(header)
  local first = header:byte(1)
  if first & 8 ~= 0 then return end -- control frames may stand between the fragments of a message
  self.message = self.message + self.payload
  if self.message > self.bytes or self.payload < 0 then
    error("a WebSocket message is larger than " .. self.bytes .. " bytes")
  end
  if first & 128 ~= 0 then self.message = 0 end -- the last fragment
end

core.register_filter("websocket_messages", Filter, function(configured, arguments)
  configured.bytes, configured.seconds = tonumber(arguments[1]), tonumber(arguments[2])
  return configured
end)
