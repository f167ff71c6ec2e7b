Warning[:deprecated] = true
