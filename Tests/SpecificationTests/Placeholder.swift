import Testing

@Test func placeholderSpecification() {}
