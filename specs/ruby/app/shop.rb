require "billing"
require "pg"

# Answers with what the database says of itself.
class Shop
  def call(env)
    case env["PATH_INFO"]
    when "/up" then [200, { "content-type" => "text/plain" }, [database]]
    else [200, { "content-type" => "text/plain" }, ["#{Billing.total([1, 2])}\n"]]
    end
  end

  private

  def database
    connection = PG.connect(ENV.fetch("DATABASE_URL"))
    connection.exec("SELECT 1").getvalue(0, 0)
  ensure
    connection&.close
  end
end
