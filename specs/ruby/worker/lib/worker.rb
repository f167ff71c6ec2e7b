require "socket"

# Tells whoever connects how many turns it has made.
turns = 0
Thread.new { loop { sleep 1; turns += 1 } }
server = TCPServer.new("0.0.0.0", 9394)
trap("TERM") { exit }
loop { server.accept.tap { |client| client.puts turns }.close }
