"""Amazon Translate: against a stand-in that speaks its API, and whatever else may become of the call."""

from __future__ import annotations

from threading import Thread

import boto3
import pytest
from botocore import exceptions as aws

from firstline.outward.translate import AmazonTranslate, NotTranslated, translator
from infra.local.simulators import Server, Simulation
from tests.unit.simulators.platforms import a_settings


@pytest.fixture
def simulation():
    made = Simulation(a_settings())
    yield made
    made.close()


@pytest.fixture
def session():
    return boto3.session.Session(region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def translate(simulation, session):
    server = Server(simulation)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield translator(session, on=True, endpoint_url=f"{server.url}/translate").translate
    server.shutdown()
    server.server_close()


def test_words_come_back_in_the_language_that_was_asked_for(translate):
    assert translate("Der Ofen ist kaputt: 😱", "de", "en") == "[en] Der Ofen ist kaputt: 😱"


def test_out_of_order_means_no_translation_and_mended_means_one_again(translate, simulation):
    simulation.translate.down = True
    with pytest.raises(NotTranslated):
        translate("Hallo", "de", "en")
    simulation.translate.down = False
    assert translate("Hallo", "de", "en") == "[en] Hallo"


@pytest.mark.parametrize(("text", "source"), [("Hallo", "xx"), ("ä" * 5001, "de"), ("", "de")])
def test_what_it_does_not_take_is_not_translated(translate, text, source):
    with pytest.raises(NotTranslated):
        translate(text, source, "en")


def test_nobody_there_means_no_translation(session):
    with pytest.raises(NotTranslated) as raised:
        translator(session, on=True, endpoint_url="http://127.0.0.1:9/translate").translate("Hallo", "de", "en")
    assert raised.value.reason == "EndpointConnectionError"


def test_switched_off_asks_nobody(session):
    with pytest.raises(NotTranslated, match="switched_off"):
        translator(session, on=False, endpoint_url="http://127.0.0.1:9").translate("Hallo", "de", "en")


def test_without_an_endpoint_it_is_awss_own_tried_once_and_briefly(session):
    client = translator(session, on=True)._client
    assert client.meta.endpoint_url == "https://translate.eu-central-1.amazonaws.com"
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert (client.meta.config.connect_timeout, client.meta.config.read_timeout) == (1, 2)


@pytest.mark.parametrize(
    "failure", [aws.ReadTimeoutError(endpoint_url="x"), aws.NoCredentialsError(), ConnectionResetError(), KeyError("x")]
)
def test_no_failure_of_the_call_comes_through(failure):
    class Failing:
        def translate_text(self, **_):
            raise failure

    with pytest.raises(NotTranslated):
        AmazonTranslate(Failing()).translate("Hallo", "de", "en")
