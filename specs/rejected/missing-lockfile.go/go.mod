module example.com/shop

go 1.27

require (
	example.com/tool v1.2.3
)
