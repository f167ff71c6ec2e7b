module example.com/shop

go 1.25

toolchain go1.27.1
