"""The addresses that the gateway answers itself."""

from gateway.routing import Page
from shared.errors import Text

JSON, HTML = "application/json", "text/html; charset=utf-8"
JWKS = Page("/.well-known/jwks.json", JSON, Text("Keys that verify tokens", "令牌验证公钥(JWKS)"))
HEALTHZ = Page("/healthz", JSON, Text("Whether the gateway lives", "网关存活检查"))
HEALTH = Page("/health", JSON, Text("State of every service", "各服务健康状态"))
OPENAPI = Page("/openapi.json", JSON, Text("This description", "本接口描述(OpenAPI)"))
DOCS = Page("/docs", HTML, Text("This description to read", "接口文档"))
PAGES = (JWKS, HEALTHZ, HEALTH, OPENAPI, DOCS)
