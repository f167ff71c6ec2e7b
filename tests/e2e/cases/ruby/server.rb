# Tells what it was given.
require "bundler/setup"
require "greeting"
require "json"
require "socket"

TOLD = {
  "/env" => -> { ENV.to_h },
  "/greeting" => -> { Greeting::TEXT },
  "/made" => -> { File.read("made") },
  "/gems" => -> { Gem.dir },
}.freeze

trap("TERM") { exit }
server = TCPServer.new("0.0.0.0", 3000)
loop do
  Thread.new(server.accept) do |client|
    path = client.gets.to_s.split[1]
    nil until ["\r\n", nil].include?(client.gets)
    body = JSON.generate(TOLD.fetch(path, -> { "fine" }).call)
    client.write("HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
  ensure
    client.close
  end
end
