require "webrick/https"

server = WEBrick::HTTPServer.new(Port: 9000, SSLEnable: true, SSLCertName: [["CN", "probe"]])
server.mount_proc("/ready") { |_, response| response.body = "ready" }
trap("TERM") { server.shutdown }
server.start
