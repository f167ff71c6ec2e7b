module Greeting
  TEXT = "good morning"
end
