require "bundler/setup"
require_relative "app/shop"

run Shop.new
