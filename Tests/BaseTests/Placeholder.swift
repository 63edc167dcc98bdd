import Testing

@Test func placeholderBase() {}
