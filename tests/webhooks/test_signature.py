from comfy_gen.webhooks.secret import read_secrets
from comfy_gen.webhooks.signature import Signer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_signature_is_the_one_of_the_standard():
    """The example of the specification at github.com/standard-webhooks/standard-webhooks."""
    body = b'{"test": 2432232314}'
    said = Signer(read_secrets(SECRET)).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", body, now=1614265330.7)
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_secret_makes_a_signature():
    old, new = "whsec_" + "b2xk" * 8, SECRET
    both = Signer(read_secrets(f"{new} {old}")).sign("d1", b"{}", now=0.0).split(" ")
    assert both == [Signer(read_secrets(one)).sign("d1", b"{}", now=0.0) for one in (new, old)]
