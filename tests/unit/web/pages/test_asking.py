"""A handler gets what it asks for: the app's services, the language, the visitor."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

from thoracle.web.pages.asking import Asking, Spoken, Using


def test_a_handler_gets_services_language_and_visitor(client: TestClient) -> None:
    app = client.app
    assert isinstance(app, FastAPI)

    @app.get("/asked")
    def asked(services: Using, language: Spoken, visitor: Asking) -> list[str]:
        return [type(services).__name__, language.code, visitor.name[:6]]

    answer = client.get("/asked", headers={"accept-language": "pt"})
    assert answer.json() == ["Services", "pt", "guest-"]
