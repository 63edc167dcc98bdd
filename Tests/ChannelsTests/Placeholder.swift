import Testing

@Test func placeholderChannels() {}
