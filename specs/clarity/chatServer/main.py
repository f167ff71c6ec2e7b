print("the chat server")
