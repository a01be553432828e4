"""The Flask application of the lesson "How to Send Cookies".

Crumb's four functions do in Go what this does, and flask_test.go holds the two
side by side.
"""

from flask import Flask, make_response, request

app = Flask(__name__)

THIRTY_DAYS = 30 * 24 * 60 * 60


@app.get("/")
def index():
    username = request.cookies.get("username")
    return f"Welcome back, {username}!" if username else "Hello, Guest!"


@app.get("/setcookie")
def setcookie():
    response = make_response("Cookie has been set!")
    response.set_cookie("username", "Cobby", max_age=THIRTY_DAYS)
    return response


@app.get("/getcookie")
def getcookie():
    username = request.cookies.get("username")
    return f"Found cookie! Username: {username}" if username else "No cookie found!"


@app.get("/deletecookie")
def deletecookie():
    response = make_response("Cookie has been deleted!")
    response.delete_cookie("username")
    return response
