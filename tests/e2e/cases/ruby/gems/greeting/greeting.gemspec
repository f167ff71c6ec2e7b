Gem::Specification.new do |gem|
  gem.name = "greeting"
  gem.version = "1.0.0"
  gem.summary = "Says good morning"
  gem.authors = ["Nobody"]
  gem.files = ["lib/greeting.rb"]
end
