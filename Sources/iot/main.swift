print("iot")
