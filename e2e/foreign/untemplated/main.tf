# In place of a template. Crumb does not read it.
resource "aws_lambda_function" "web" {
  function_name = "web"
  runtime       = "provided.al2023"
  handler       = "bootstrap"
}
