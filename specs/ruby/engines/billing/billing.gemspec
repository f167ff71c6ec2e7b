Gem::Specification.new do |gem|
  gem.name = "billing"
  gem.version = "0.1.0"
  gem.summary = "Adds up"
  gem.authors = ["Shop"]
  gem.files = Dir["lib/**/*.rb"]
end
