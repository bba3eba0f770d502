//! From latitude and longitude to the map: the transverse Mercator projection around 15° east, as SWEREF 99 TM has it, but of
//! a sphere. On a map of all of Sweden the difference is thinner than a line. It keeps angles, so the country looks as it is
//! used to.

use libm::{atan2, atanh, cos, sin, tan};

use crate::platform::drawing::shapes::{Area, Point};

/// The middle meridian, degrees east.
const MIDDLE: f64 = 15.0;
/// Mean radius of the earth in kilometres.
const RADIUS: f64 = 6371.0088;

/// What the map covers, in kilometres east of the middle meridian and north of the equator: all centroids, and a margin.
const WEST: f64 = -300.0;
const EAST: f64 = 480.0;
const SOUTH: f64 = 6105.0;
const NORTH: f64 = 7640.0;

/// Kilometres east of the middle meridian, and north of the equator.
fn projected(latitude: f64, longitude: f64) -> (f64, f64) {
    let (north, east) = (latitude.to_radians(), (longitude - MIDDLE).to_radians());
    (RADIUS * atanh(cos(north) * sin(east)), RADIUS * atan2(tan(north), cos(east)))
}

/// A projection onto a part of a drawing.
#[derive(Clone, Copy, Debug)]
pub struct Projection {
    frame: Area,
    /// Units per kilometre.
    scale: f64,
}

impl Projection {
    /// All of Sweden, as large as the frame allows, in its middle.
    pub fn onto(frame: Area) -> Self {
        let scale = (frame.width / (EAST - WEST)).min(frame.height / (NORTH - SOUTH));
        Self { frame, scale }
    }

    /// Where a place is.
    pub fn at(&self, latitude: f64, longitude: f64) -> Point {
        let (east, north) = projected(latitude, longitude);
        self.frame.middle().moved(
            (east - f64::midpoint(WEST, EAST)) * self.scale,
            (f64::midpoint(SOUTH, NORTH) - north) * self.scale,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_meridian_is_upright_and_a_degree_of_it_is_111_km() {
        let (east, north) = projected(60.0, 15.0);
        assert_eq!(east, 0.0);
        assert!((projected(61.0, 15.0).1 - north - 111.195).abs() < 0.001);
    }

    #[test]
    fn angles_are_kept() {
        // A small step north and one of the same length east are as long on the map, and at right angles.
        let step = 0.001;
        for (latitude, longitude) in [(55.4, 13.3), (59.3, 18.1), (68.2, 23.8)] {
            let here = projected(latitude, longitude);
            let difference = |there: (f64, f64)| (there.0 - here.0, there.1 - here.1);
            let north = difference(projected(latitude + step, longitude));
            let east = difference(projected(latitude, longitude + step / f64::to_radians(latitude).cos()));
            assert!((north.0.hypot(north.1) - east.0.hypot(east.1)).abs() < 1e-5);
            assert!((north.0 * east.0 + north.1 * east.1).abs() < 1e-5);
        }
    }

    #[test]
    fn north_is_up_and_all_centroids_are_inside() {
        let frame = Area { at: Point { x: 300.0, y: 100.0 }, width: 684.0, height: 1280.0 };
        let projection = Projection::onto(frame);
        for (latitude, longitude) in [(55.41, 13.27), (68.17, 20.71), (65.84, 23.82), (58.94, 11.23)] {
            let point = projection.at(latitude, longitude);
            assert_eq!(frame.nearest(point), point, "{latitude} {longitude}");
        }
        assert!(projection.at(68.0, 20.0).y < projection.at(56.0, 20.0).y);
    }
}
